import type { Decoder } from './decoder.ts'

/** What SORT compares. RFC 5256 §3, RFC 5957 §3, RFC 6203 §6. */
export interface SortKey {
  readonly by:
    | 'arrival'
    | 'cc'
    | 'date'
    | 'from'
    | 'size'
    | 'subject'
    | 'to'
    | 'display-from'
    | 'display-to'
    | 'relevancy'
  readonly reverse: boolean
}

const names: Readonly<Record<string, SortKey['by']>> = {
  ARRIVAL: 'arrival',
  CC: 'cc',
  DATE: 'date',
  FROM: 'from',
  SIZE: 'size',
  SUBJECT: 'subject',
  TO: 'to',
  DISPLAYFROM: 'display-from',
  DISPLAYTO: 'display-to',
  RELEVANCY: 'relevancy',
}

/** A key behind an equal one decides nothing, so nobody needs more. */
const mostKeys = 20

export function sortKeys(d: Decoder): SortKey[] {
  const keys = d.listOfSome(() => {
    const reverse = d.tryWord('REVERSE')
    if (reverse) d.sp()
    const name = d.keyword('sort-key')
    return { by: names[name] ?? d.fail('sort-key'), reverse }
  })
  return keys.length <= mostKeys ? keys : d.fail(`at most ${mostKeys} sort keys`)
}
