/** The longest name in DNS, in characters. */
const MAX_NAME_LENGTH = 253;

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** Whether a text is the name of a domain. */
export function isDomainName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && name.split(".").every((label) => LABEL.test(label));
}

/** Whether a keyId is a name that lies strictly below the key domain, given in lower case. */
export function isKeyName(keyId: string, keyDomain: string): boolean {
  return keyId.toLowerCase().endsWith(`.${keyDomain}`) && isDomainName(keyId);
}
