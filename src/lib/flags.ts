/** System flags and their bits in `PackedFlags`. RFC 9051 §2.3.2; \Recent is not kept: IMAP4rev2 has none. */
export const flagBits = {
  '\\Seen': 1,
  '\\Answered': 2,
  '\\Flagged': 4,
  '\\Deleted': 8,
  '\\Draft': 16,
} as const

export type SystemFlag = keyof typeof flagBits

/** Bits of packed flags below the keyword set. */
export const systemBits = 5

/** The number of the keyword set inside packed flags; 0 is the empty set. */
export function keywordSetOf(packed: number): number {
  return packed >>> systemBits
}

export function packFlags(bits: number, keywordSet: number): number {
  return ((keywordSet << systemBits) | bits) >>> 0
}

/** Those that packed flags hold beside their keywords. */
export function systemFlagsOf(packed: number): SystemFlag[] {
  return (Object.keys(flagBits) as SystemFlag[]).filter((flag) => (packed & flagBits[flag]) !== 0)
}

/** Spelled as the protocol does, whatever case the client used; undefined for keywords. */
export function systemFlag(name: string): SystemFlag | undefined {
  const lower = name.toLowerCase()
  return (Object.keys(flagBits) as SystemFlag[]).find((flag) => flag.toLowerCase() === lower)
}
