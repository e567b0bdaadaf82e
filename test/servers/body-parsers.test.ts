import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createWebhookHandler } from "copernica-webhooks";
import { encodeForm, samples } from "copernica-webhooks/testing";
import express, { type RequestHandler } from "express";
import { NodeRequest, sendNodeResponse } from "srvx/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { FORM, PATH } from "./messages.ts";

const JSON_TYPE = "application/json";

/** Posts an event to an Express app that has a body parser before the handler; resolves to how it ends. */
async function postBehind(
  parser: RequestHandler,
  type: string,
  isChunked = false,
): Promise<{ readonly status: number; readonly code: string | undefined; readonly detail: string | undefined }> {
  const handler = createWebhookHandler({ verify: false, onWarning() {}, onError() {}, onProfileCreate() {} });
  const app = express();
  app.use(parser);
  app.post(PATH, async (req, res) => await sendNodeResponse(res, await handler(new NodeRequest({ req, res }))));
  const server = app.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const variables = samples["profile.create"];
  const body = type === FORM ? encodeForm(variables) : JSON.stringify(variables);
  const init: RequestInit & { duplex: "half" } = { method: "POST", headers: { "content-type": type }, duplex: "half" };
  const { port } = server.address() as AddressInfo; // since it listens
  const response = await fetch(`http://127.0.0.1:${port}${PATH}`, {
    ...init,
    body: isChunked ? (Readable.toWeb(Readable.from([body])) as ReadableStream) : body,
  });
  const text = await response.text();
  return { status: response.status, code: undefined, detail: undefined, ...(text && JSON.parse(text)) };
}

describe("behind a body parser of Express and through an adapter, the handler says that something read the body first", () => {
  test.each<[string, RequestHandler, string]>([
    ["express.urlencoded()", express.urlencoded({ extended: true }), FORM],
    ["express.json()", express.json(), JSON_TYPE],
    ["express.raw()", express.raw({ type: "*/*" }), FORM],
    ["express.text()", express.text({ type: "*/*" }), FORM],
  ])("%s", async (_, parser, type) => {
    const refused = { status: 400, code: "body_used", detail: expect.stringMatching(/before body parsers/) };
    expect(await postBehind(parser, type)).toMatchObject(refused);
    expect(await postBehind(parser, type, true)).toMatchObject(refused);
  });

  test("but a parser of another type leaves the event alone", async () => {
    expect(await postBehind(express.json(), FORM)).toMatchObject({ status: 200 });
    expect(await postBehind(express.urlencoded({ extended: true }), JSON_TYPE)).toMatchObject({ status: 200 });
  });
});
