/** A 32-bit hash of a delivery's id (FNV-1a). Two ids may share one: it narrows a search, and decides nothing. */
export function fingerprint(deliveryId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < deliveryId.length; index += 1) {
    hash = Math.imul(hash ^ deliveryId.charCodeAt(index), 0x01000193);
  }
  return hash;
}
