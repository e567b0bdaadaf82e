/** A receiver in an Express app, of version 4 or 5: `npx tsx examples/express.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { toNodeHandler } from "copernica-webhooks/node";
import express from "express";

const receive = toNodeHandler(
  createWebhookHandler({
    account: process.env.COPERNICA_ACCOUNT, // account_1234
    onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
    onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
  }),
);

const app = express();
// Before express.json() and express.urlencoded(), which would read the body.
app.all("/webhooks/copernica", receive);

// If they must come first, have them keep its bytes: the signature is about those.
const keepBytes = {
  verify: (request: object, _response: unknown, rawBody: Buffer) => void Object.assign(request, { rawBody }),
};
app.use(express.json(keepBytes), express.urlencoded({ extended: false, ...keepBytes }));
const hooks = express.Router();
hooks.all("/copernica", receive);
app.use("/hooks", hooks);

const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log("Listening on", JSON.stringify(server.address())),
);
