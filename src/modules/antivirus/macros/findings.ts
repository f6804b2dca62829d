/** What the macros of a document were seen to do. */
export interface Findings {
  readonly hasMacros: boolean
  /** What was seen of each kind, as it was written. */
  readonly startsItself: string | undefined
  readonly writes: string | undefined
  readonly runs: string | undefined
  /** The compiled code says other things than its source. */
  readonly differs: string | undefined
  /** There are macros, and nobody can read them. */
  readonly isHidden: boolean
}

export const noMacros: Findings = {
  hasMacros: false,
  startsItself: undefined,
  writes: undefined,
  runs: undefined,
  differs: undefined,
  isHidden: false,
}

/** Of several macros in one document. */
export const together = (one: Findings, other: Findings): Findings => ({
  hasMacros: one.hasMacros || other.hasMacros,
  startsItself: one.startsItself ?? other.startsItself,
  writes: one.writes ?? other.writes,
  runs: one.runs ?? other.runs,
  differs: one.differs ?? other.differs,
  isHidden: one.isHidden || other.isHidden,
})

/**
 * Why the macros are dangerous, in few words; undefined where they are not. docs/adr/032-macros.md: a macro that only reckons
 * passes, as in Mailu.
 */
export function danger({ startsItself, writes, runs, differs, isHidden }: Findings): string | undefined {
  const reasons = [
    startsItself && `starts by itself: ${startsItself}`,
    runs && `runs programs: ${runs}`,
    writes && `writes files: ${writes}`,
    differs && `its source hides what it does: ${differs}`,
    isHidden && 'nobody can read it',
  ].filter((reason) => typeof reason === 'string')
  return reasons.length === 0 ? undefined : reasons.join(', ')
}
