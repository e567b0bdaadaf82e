import type { Random } from "./random.ts";

/*
 * Bodies and headers are bytes, and so is every text here: each of its characters stands for one.
 */

type Tokens = readonly [string, ...string[]];

function words(text: string): string[] {
  return text.split(" ");
}

/** What means something in a form body, and what nearly does. */
const FORM_TOKENS: Tokens = [
  "a",
  ..."&=[]+%.;\0 \t\xff\xc3",
  "[ ]",
  ...words("&& == [] [[ ]] [0] [1] [-1] [01] [a] [9223372036854775807] [-9223372036854775808] __Host-a=1 ..Host-a=1"),
  ...words("[__proto__] [constructor] [prototype] [toString] __proto__ constructor hasOwnProperty then"),
  ...words("% %0 %zz %00 %20 %26 %3D %5B %5D %5b%5d %25 %2B %0d%0a %u00e9 %ff %C3 %A9 %C3%A9 \xc3\xa9 %E2%82%AC"),
  ...words(
    "%F0%9F%98%80 %ED%A0%80 %EF%BB%BF %c0%80 %f8 ip= tags=a tags[]=b id=x database=12 collection=3 subprofile=1",
  ),
  ...words("type=create type=update type=delete type=click type=open type=abuse type=new type[]=create"),
  ...words(
    "profile=1 profile=0 profile=-1 profile=1e3 profile=999999999999999999 profile[]=1 time=0 time=999999999999",
  ),
  ...words(
    "time=9999999999999 timestamp=0000-00-00+00:00:00 timestamp=2026-03-29+02:30:00 timestamp=9999-12-31+23:59:59",
  ),
  ...words("fields= fields=x fields[]=x fields[a][b]=c fields[age]=x fields[email]= parameters[a][]=b"),
  ...words("interests=a interests[]=a interests[a]=0 interests[group][a]=1 interests[group][]=a"),
];

/** What means something in JSON, and what nearly does. */
const JSON_TOKENS: Tokens = [
  '"a"',
  ..."{}[],:\"\\'/ \n\0\xff",
  ...words("{} [] [[ null true false 0 -0 1e999 1E-400 0.1 123456789012345678901234567890 NaN"),
  ...words(
    '"type":"create" "type":null "type":["create"] "fields":[] "fields":{"a":null} "fields":"x" "interests":["a"]',
  ),
  ...words(
    '"__proto__":{"polluted":"yes"} "constructor":{"prototype":{"polluted":"yes"}} "":"" "toString":1 "then":{}',
  ),
  ...words("\\u0000 \\ud800 \\udc00\\ud800 \\u00e9 \\n \xef\xbb\xbf \xed\xa0\x80 \xf0\x9f\x98\x80"),
];

/** What means something in a header of a signed call, and what nearly does. */
const HEADER_TOKENS: Tokens = [
  "a",
  ..."\",=;: \t()'/\\\x01\x7f\x80\xe9",
  ...words(
    'keyId=" keyId="test.copernica.com" keyId="copernica.com" keyId="test._domainkey.copernica.com.evil.example"',
  ),
  ...words('algorithm="hmac-sha256" algorithm="none" algorithm="rsa-sha1" algorithm="hs2019" algorithm="RSA-SHA256"'),
  ...words('headers="" headers="date" signature="" signature=AAAA (request-target) (created) (expires) __proto__'),
  'headers="(request-target) host date digest x-copernica-id"',
  ...words("host date digest x-copernica-id content-length SHA-256= sha-512= md5= SHA= UNIXsum=1 ==== =="),
  ...words("account_1234 account-1234 account_01234 account_1235 account_ 1970 charset=utf-8 application/json GMT"),
  ...["Tue, 24 Nov 2026 10:00:00 GMT", "Tue, 24 Nov 2026 10:04:59 +0000"],
];

type Mutation = (text: string, tokens: Tokens, others: Tokens, random: Random) => string;

/** A mutation replaces what lies between two positions. */
function replacing(make: (removed: string, tokens: Tokens, others: Tokens, random: Random) => string): Mutation {
  return (text, tokens, others, random) => {
    const start = random.below(text.length + 1);
    const end = Math.min(text.length, start + (random.oneIn(2) ? random.below(4) : random.below(text.length + 1)));
    return text.slice(0, start) + make(text.slice(start, end), tokens, others, random) + text.slice(end);
  };
}

/** A mutation works on the variables of a form. */
function withPairs(change: (pairs: string[], others: Tokens, random: Random) => void): Mutation {
  return (text, _, others, random) => {
    const pairs = text.split("&");
    change(pairs, others, random);
    return pairs.join("&");
  };
}

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  replacing(() => ""),
  replacing((removed) => removed + removed),
  replacing((removed, tokens, _, random) => random.pick(tokens) + removed),
  replacing((_, tokens, __, random) => random.pick(tokens)),
  replacing((_, __, ___, random) => String.fromCharCode(random.below(256), random.below(256))),
  replacing((removed) => [...removed].reverse().join("")),
  replacing((removed) => encodeURIComponent(removed)),
  replacing((removed, _, __, random) => removed.repeat(1 + random.below(20))),
  replacing((_, __, others, random) => partOf(random.pick(others), random)),
  (text, _, __, random) => flipBit(text, random),
  (text, tokens, _, random) => `${text}&${random.pick(tokens)}`,
  withPairs((pairs, _, random) => pairs.splice(random.below(pairs.length), 1)),
  withPairs((pairs, _, random) => pairs.push(pairs[random.below(pairs.length)] ?? "")),
  withPairs((pairs, others, random) => pairs.splice(random.below(pairs.length), 0, ...random.pick(others).split("&"))),
  withPairs((pairs, _, random) => {
    const index = random.below(pairs.length);
    const [name = "", value = ""] = pairs[random.below(pairs.length)]?.split("=") ?? [];
    const [ownName = "", ownValue = ""] = pairs[index]?.split("=") ?? [];
    pairs[index] = random.oneIn(2) ? `${ownName}=${value}` : `${name}=${ownValue}`;
  }),
];

const MOST_MUTATIONS = 6;

/** Some more than a handler accepts. */
const MOST_BYTES = 1_300_000;

/** Changes a form body at some places, mixing in others. */
export function mutateForm(body: string, others: Tokens, random: Random): string {
  return mutate(body, FORM_TOKENS, others, random);
}

/** Changes a JSON body at some places, mixing in others. */
export function mutateJson(body: string, others: Tokens, random: Random): string {
  return mutate(body, JSON_TOKENS, others, random);
}

/** Changes the value of a header at some places, mixing in others; what no header can hold is left out. */
export function mutateHeader(value: string, others: Tokens, random: Random): string {
  return mutate(value, HEADER_TOKENS, others, random).replace(/[\0\r\n]/g, "");
}

function mutate(text: string, tokens: Tokens, others: Tokens, random: Random): string {
  let mutated = text;
  for (let left = 1 + random.below(MOST_MUTATIONS); left > 0; left -= 1) {
    mutated = random.pick(MUTATIONS)(mutated, tokens, others, random).slice(0, MOST_BYTES);
  }
  return mutated;
}

/** Changes one bit. */
export function flipBit(text: string, random: Random): string {
  const position = random.below(text.length);
  const flipped = String.fromCharCode(text.charCodeAt(position) ^ (1 << random.below(8)));
  return text === "" ? text : text.slice(0, position) + flipped + text.slice(position + 1);
}

function partOf(text: string, random: Random): string {
  const start = random.below(text.length);
  return text.slice(start, start + random.below(text.length));
}

/** Stands for a number that is another one at each repetition. */
const COUNTER = "#";

const FORM_STARTS: Tokens = ["", "a", "a", "fields", "fields[#]", "interests", "interests[#]", "tags", "parameters"];
const FORM_UNITS: Tokens = [
  "[]",
  "[a]",
  "[#]",
  "[-#]",
  "#",
  "=",
  "[",
  "%01",
  "%ff",
  "%C3%A9",
  "%",
  ".",
  "\x01",
  "\xff",
];
const JSON_STARTS: Tokens = ['{"fields":', '{"type":"create","a":[', '{"a":{', '{"interests":[', ""];
const JSON_UNITS: Tokens = ['"#":1', '"a":[', '{"a":', "[", "]", "1", '"#"', '"\x01"', '"\xff"', "null", "{}"];

/** A few tokens, repeated until they have the length: what costs more than its bytes shows in these. */
export function amplifyForm(length: number, others: Tokens, random: Random): string {
  const start = random.oneIn(2) ? `${random.pick(others)}&` : "";
  return start + amplify(random.pick(FORM_STARTS), [FORM_UNITS, FORM_TOKENS], "&", length, random);
}

/** As {@link amplifyForm}, within a JSON object. */
export function amplifyJson(length: number, random: Random): string {
  return random.pick(JSON_STARTS) + amplify("", [JSON_UNITS, JSON_TOKENS], ",", length, random);
}

/** As {@link amplifyForm}, as the value of a header. */
export function amplifyHeader(length: number, random: Random): string {
  return amplify("", [HEADER_TOKENS], random.pick([",", " ", ""]), length, random).replace(/[\0\r\n]/g, "");
}

function amplify(
  start: string,
  tokens: readonly [Tokens, ...Tokens[]],
  separator: string,
  length: number,
  random: Random,
): string {
  let unit = start;
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    const token = random.pick(random.pick(tokens));
    unit += token.repeat(random.oneIn(3) ? 1 + random.below(70) : 1);
  }
  const joined = unit + (random.oneIn(4) ? "" : separator);
  const times = Math.ceil(length / joined.length);
  if (!joined.includes(COUNTER)) return joined.repeat(times);
  return Array.from({ length: times }, (_, index) => joined.replaceAll(COUNTER, String(index))).join("");
}
