/** Flags that may be changed. RFC 4314 §4: these three have rights of their own. */
export interface FlagScope {
  readonly seen: boolean
  readonly deleted: boolean
  /** All other flags and the keywords. */
  readonly others: boolean
}
