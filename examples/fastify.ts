/** A receiver in a Fastify app: `npx tsx examples/fastify.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { toNodeHandler } from "copernica-webhooks/node";
import fastify from "fastify";

const receive = toNodeHandler(
  createWebhookHandler({
    account: process.env.COPERNICA_ACCOUNT, // account_1234
    onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
    onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
  }),
);

const app = fastify();
// In a scope of its own, where Fastify leaves bodies alone.
app.register(async (scope) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
  scope.all("/webhooks/copernica", async (request, reply) => {
    reply.hijack();
    await receive(request.raw, reply.raw);
  });
});

console.log("Listening on", await app.listen({ port: Number(process.env.PORT ?? 3000) }));
