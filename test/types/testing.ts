import { expectTypeOf } from "vitest";
import type { Fields, FormTree, Interests } from "../../src/index.ts";
import {
  createTestCopernica,
  type EventName,
  type EventVariables,
  encodeForm,
  samples,
  type TestCopernica,
  type Variables,
} from "../../src/testing.ts";

// A sample has the variables of its event, and no others.
expectTypeOf<keyof typeof samples>().toEqualTypeOf<EventName>();
expectTypeOf(samples["subprofile.create"]).toEqualTypeOf<EventVariables<"subprofile.create">>();
expectTypeOf(samples["profile.create"].type).toEqualTypeOf<"create">();
expectTypeOf(samples["profile.create"].profile).toEqualTypeOf<number>();
expectTypeOf(samples["profile.create"].fields).toEqualTypeOf<Fields>();
expectTypeOf(samples["profile.create"].interests).toEqualTypeOf<Interests>();
expectTypeOf(samples["profile.create"].parameters).toEqualTypeOf<FormTree>();
expectTypeOf(samples["profile.delete"].fields).toEqualTypeOf<Fields | undefined>();
expectTypeOf(samples.click.tags).toEqualTypeOf<readonly string[]>();
// @ts-expect-error: a click has no subprofile
samples.click.subprofile;
// @ts-expect-error: what the event is called is not sent
samples.click.name;
// @ts-expect-error: no such event
samples.clicks;
encodeForm(samples["profile.create"]);

declare const copernica: TestCopernica;
declare const name: EventName;
copernica.request(samples["profile.create"]);
copernica.request(samples[name]);
copernica.request({ ...samples["profile.create"], profile: 7, fields: { age: "7" }, interests: ["newsletter"] });
copernica.request({ ...samples["subprofile.create"], subprofile: 7 });
copernica.request({ ...samples["profile.create"], profile: "seven" }); // to see what the receiver makes of it
copernica.request({ ...samples.delivery, type: "open" });

copernica.request({
  ...samples["profile.create"],
  // @ts-expect-error: a misspelled variable
  profil: 7,
});
copernica.request({
  ...samples.click,
  // @ts-expect-error: a variable of another event
  envelope: "info@example.com",
});
copernica.request({
  type: "create",
  profile: 7,
  // @ts-expect-error: a misspelled variable
  databse: 12,
});
copernica.request({
  ...samples.click,
  // @ts-expect-error: no variable holds a function
  tags: () => [],
});

// What is not documented is sent on purpose: of a type that is not known, or declared as any variables.
copernica.request({ type: "transmogrify", profil: 7 });
copernica.request({ ...samples.click, type: "transmogrify", device: "phone" });
const more: Variables = { ...samples.click, device: "phone" };
copernica.request(more);

// An option that may be left out may be undefined.
createTestCopernica({
  account: undefined,
  url: undefined,
  keyId: undefined,
  keyBits: undefined,
  privateKey: undefined,
});
copernica.request(samples.click, { url: undefined, date: undefined, encoding: undefined, nonce: undefined });
expectTypeOf(createTestCopernica({ account: "account_1234" })).toEqualTypeOf<Promise<TestCopernica>>();
createTestCopernica({
  // @ts-expect-error: a misspelled option
  acount: 1234,
});
