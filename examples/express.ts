/** A receiver in an Express app: `npx tsx examples/express.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import express from "express";
import { NodeRequest, sendNodeResponse } from "srvx/node";

const account = process.env.COPERNICA_ACCOUNT; // account_1234
const handler = createWebhookHandler({
  ...(account && { account }), // without it, anybody can post
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

const app = express();
// Before express.json() and the like: they would read the body.
app.all("/webhooks/copernica", async (req, res) => {
  await sendNodeResponse(res, await handler(new NodeRequest({ req, res })));
});

const server = app.listen(process.env.PORT ?? 3000, () => console.log("Listening on", server.address()));
