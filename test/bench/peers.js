import { createHmac } from "node:crypto";
import { createWebMiddleware, Webhooks } from "@octokit/webhooks";
import { Webhook } from "standardwebhooks";
import { PATH_CALLED } from "./deliveries.js";

export let seen = 0;

/** GitHub's events: JSON, an HMAC over the body. */
export function octokit({ json }) {
  const secret = "a secret that both sides know";
  const webhooks = new Webhooks({ secret });
  webhooks.on("push", ({ payload }) => {
    seen += payload.profile;
  });
  const headers = {
    "content-type": "application/json",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-github-event": "push",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(json).digest("hex")}`,
  };
  const handle = createWebMiddleware(webhooks, { path: PATH_CALLED });
  return { handle, headers, body: json };
}

/** Events of the Standard Webhooks specification: JSON, an HMAC over the id, the time and the body. */
export function standardWebhooks({ json }) {
  const webhook = new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const now = new Date();
  const headers = {
    "content-type": "application/json",
    "webhook-id": "msg_2mDkJ4Xc1vS",
    "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
    "webhook-signature": webhook.sign("msg_2mDkJ4Xc1vS", now, json),
  };
  return {
    headers,
    body: json,
    async handle(request) {
      const payload = webhook.verify(await request.text(), Object.fromEntries(request.headers));
      seen += payload.profile;
      return new Response(null, { status: 200 });
    },
  };
}
