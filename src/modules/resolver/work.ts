/** What one question may cost, whatever strangers answer. KeyTrap and NXNS end here. */
export interface WorkLimits {
  /** Questions to other servers. */
  readonly queries: number
  /** Name servers whose addresses are looked up because nobody gave them: the NXNS attack. */
  readonly serverNames: number
  /** Signatures checked. */
  readonly signatures: number
  /** NSEC3 hashes, each of up to 50 rounds. */
  readonly hashes: number
}

export const workLimits: WorkLimits = { queries: 150, serverNames: 16, signatures: 96, hashes: 256 }

export class Work {
  readonly deadlineMs: number
  readonly #left: Record<keyof WorkLimits, number>

  constructor(deadlineMs: number, limits: WorkLimits = workLimits) {
    this.deadlineMs = deadlineMs
    this.#left = { ...limits }
  }

  /** False when there is none left. */
  spend(kind: keyof WorkLimits): boolean {
    if (this.#left[kind] <= 0) return false
    this.#left[kind]--
    return true
  }
}
