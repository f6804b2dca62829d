import { createPrivateKey, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'

const parsed = new LRUCache<string, KeyObject>({ max: 1000 })

/** Reading the PEM of an RSA key costs more than signing with it. */
export function privateKeyOf(pem: string): KeyObject {
  const known = parsed.get(pem)
  if (known) return known
  const key = createPrivateKey(pem)
  parsed.set(pem, key)
  return key
}
