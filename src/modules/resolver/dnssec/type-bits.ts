import { rrType } from '../wire/types.ts'

/** A name where another zone begins: the parent's side says nothing about what is below. RFC 6840 §4.1. */
export function isDelegation(types: ReadonlySet<number>): boolean {
  return types.has(rrType.NS) && !types.has(rrType.SOA)
}

/** RFC 6840 §4.1, §4.3 and §4.4: these bits say that the name has no such records, nor an alias that would lead to them. */
export function lacks(types: ReadonlySet<number>, type: number, isRoot: boolean): boolean {
  if (types.has(type) || types.has(rrType.CNAME)) return false
  // The parent knows of DS and of nothing else at a cut; the child's own apex knows nothing of its DS.
  return type === rrType.DS ? isRoot || !types.has(rrType.SOA) : !isDelegation(types)
}
