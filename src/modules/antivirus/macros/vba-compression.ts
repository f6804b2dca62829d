/** What one stream unpacks to at most. The largest modules have some 64,000 lines. */
const mostOctets = 8 * 1024 * 1024
const chunkOctets = 4096

/** [MS-OVBA] 2.4.1.3. What is damaged is given as far as it goes; undefined where nothing of the kind begins at `from`. */
export function decompressVba(octets: Buffer, from: number): Buffer | undefined {
  if (octets[from] !== 1) return undefined
  const out = Buffer.alloc(Math.min(mostOctets, (octets.length - from) * chunkOctets))
  let at = from + 1
  let length = 0
  while (at + 2 < octets.length && length + chunkOctets <= out.length) {
    const header = octets.readUInt16LE(at)
    // Three bits that are the same in every chunk.
    if ((header & 0x7000) !== 0x3000) break
    const end = Math.min(octets.length, at + (header & 0x0fff) + 3)
    const isPacked = (header & 0x8000) !== 0
    length = isPacked ? unpack(octets, at + 2, end, out, length) : copy(octets, at + 2, end, out, length)
    at = end
  }
  return length === 0 ? undefined : Buffer.from(out.subarray(0, length))
}

function copy(octets: Buffer, from: number, end: number, out: Buffer, to: number): number {
  return to + octets.copy(out, to, from, Math.min(end, from + chunkOctets))
}

/** [MS-OVBA] 2.4.1.3.2: flags of eight tokens, each an octet or a copy of what stands before it in the same chunk. */
function unpack(octets: Buffer, from: number, end: number, out: Buffer, to: number): number {
  const limit = to + chunkOctets
  let at = from
  let length = to
  for (let token = 0, flags = 0; at < end && length < limit; token++) {
    if (token % 8 === 0) flags = octets[at++] ?? 0
    if ((flags & (1 << (token % 8))) === 0) {
      out[length++] = octets[at++] ?? 0
      continue
    }
    if (at + 2 > end) break
    const { offset, count } = copyToken(octets.readUInt16LE(at), length - to)
    at += 2
    if (offset > length - to) break
    length = repeat(out, length, offset, Math.min(limit, length + count))
  }
  return length
}

/** May overlap with what it makes. */
function repeat(out: Buffer, from: number, offset: number, end: number): number {
  for (let at = from; at < end; at++) out[at] = out[at - offset] ?? 0
  return end
}

/** [MS-OVBA] 2.4.1.3.19: how many bits are the offset grows with what there is to point at. */
function copyToken(token: number, written: number): { offset: number; count: number } {
  const offsetBits = Math.max(4, 32 - Math.clz32(Math.max(written - 1, 1)))
  const lengthBits = 16 - offsetBits
  return { offset: (token >> lengthBits) + 1, count: (token & ((1 << lengthBits) - 1)) + 3 }
}
