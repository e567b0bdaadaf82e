/** A receiver on Node: `npx tsx examples/node.ts`, from Node 22.18 on `node examples/node.ts` */
import { createServer } from "node:http";
import { createWebhookHandler } from "copernica-webhooks";
import { toNodeHandler } from "copernica-webhooks/node";

const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  path: "/webhooks/copernica",
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

const server = createServer(toNodeHandler(handler));
server.listen(process.env.PORT ?? 3000, () => console.log("Listening on", JSON.stringify(server.address())));
