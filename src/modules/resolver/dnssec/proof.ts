import type { Name } from '../wire/name.ts'

/**
 * What signed records say about what is not there.
 * `opt-out`: the zone does not say what unsigned delegations are in this span (RFC 5155 §6), so nothing secure can be said.
 * `too-many-rounds`: the hashes cost more than they are worth (RFC 9276 §3.2); the zone counts as unsigned here.
 */
export type Proof = 'proven' | 'opt-out' | 'too-many-rounds' | undefined

export interface Denial {
  /** There is no such name, and no wildcard that would answer for it. */
  noName(name: Name): Proof
  /** The name is there without this type, by itself or by a wildcard. */
  noData(name: Name, type: number): Proof
  /** Nothing stands closer to the name than the wildcard below `labels` of its labels. */
  nothingCloser(name: Name, labels: number): Proof
  /** No DS: an unsigned zone begins at this name, or none at all. */
  noDs(name: Name): 'unsigned-zone' | 'no-zone' | undefined
}
