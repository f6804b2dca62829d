export interface ArchiveEntry {
  readonly name: string
  readonly isEncrypted: boolean
  /** Octets, packed and unpacked; 0 where nobody says. */
  readonly packed: number
  readonly size: number
}

export interface Archive {
  readonly entries: readonly ArchiveEntry[]
  /** Its very names are encrypted. */
  readonly hidesNames: boolean
  /** Its names are packed, and nobody here unpacks them. */
  readonly isUnreadable?: boolean
}
