/** A receiver in a Koa app: `npx tsx examples/koa.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { toNodeHandler } from "copernica-webhooks/node";
import Koa from "koa";

const receive = toNodeHandler(
  createWebhookHandler({
    account: process.env.COPERNICA_ACCOUNT, // account_1234
    onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
    onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
  }),
);

const app = new Koa();
// Before bodyParser(), which would read the body.
app.use(async (context, next) => {
  if (context.path !== "/webhooks/copernica") return await next();
  context.respond = false; // the handler does
  await receive(context.req, context.res);
});

const server = app.listen(process.env.PORT ?? 3000, () => console.log("Listening on", server.address()));
