import type { Archive } from './archive-entry.ts'

/** Its directory is packed itself; that it is encrypted is all that is cheap to see. */
export function sevenZip(head: Buffer, tail: Buffer): Archive {
  const size = head.length >= 28 ? Number(head.readBigUInt64LE(20)) : 0
  const directory = size > 0 && size < tail.length ? tail.subarray(tail.length - size) : tail
  return { entries: [], hidesNames: directory.includes(aes) }
}

/** Of the method AES-256 with SHA-256. */
const aes = Buffer.from([0x06, 0xf1, 0x07, 0x01])
