/** Two databases and a collection, their fields typed, on Node, Bun or Deno: `npx tsx examples/databases.ts` */
import { createServer } from "node:http";
import { collection, createWebhookHandler, database } from "copernica-webhooks";
import { email, emptyDate, flag, float, integer, select, text } from "copernica-webhooks/fields";
import { toNodeHandler } from "copernica-webhooks/node";

const orders = collection(3, {
  fields: { orderId: text(), amount: float(), paid: flag() },
  onSubprofileCreate({ profile, fields: { orderId, amount, paid } }) {
    console.log(`Customer ${profile} ordered ${orderId} for ${amount?.toFixed(2)}, ${paid ? "paid" : "to be paid"}`);
  },
});

const customers = database(12, {
  fields: { email: email(), age: integer(), birthday: emptyDate() },
  interests: ["newsletter", "offers"],
  collections: [orders],
  onProfileCreate({ profile, fields: { email, age, birthday }, interests }) {
    console.log(`Customer ${profile} is ${email}, ${age}, born in ${birthday?.getUTCFullYear()}`);
    if (interests.newsletter) console.log(`Customer ${profile} reads the newsletter`);
  },
});

const suppliers = database(14, {
  fields: { name: text(), status: select("prospect", "contracted") },
  unknownFields: "reject",
  onProfileCreate({ profile, fields: { name, status } }) {
    console.log(`Supplier ${profile} is ${name}, ${status ?? "of no status"}`);
  },
});

const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  path: "/webhooks/copernica",
  databases: [customers, suppliers],
  onProfileCreate({ profile, database, fields }) {
    console.log(`Profile ${profile} of database ${database}:`, JSON.stringify(fields));
  },
  onError(error) {
    // An event whose fields do not fit is not lost: this is the place to keep it.
    if (error.code === "invalid_fields") console.error("Put aside:", JSON.stringify(error.event.raw), error.message);
    else console.error(error);
  },
});

const server = createServer(toNodeHandler(handler));
server.listen(process.env.PORT ?? 3000, () => console.log("Listening on", JSON.stringify(server.address())));
