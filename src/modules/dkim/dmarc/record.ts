import { parseTags } from '../signature/tags.ts'

export type DmarcPolicy = 'none' | 'quarantine' | 'reject'

/** What a domain asks for, at `_dmarc.domain`. RFC 9989 §4.7; records of RFC 7489 are read as well. */
export interface DmarcRecord {
  readonly policy: DmarcPolicy
  /** Of names below the one that has the record. */
  readonly subdomainPolicy: DmarcPolicy
  /** Of names below it that are not there. */
  readonly absentPolicy: DmarcPolicy
  readonly strictDkim: boolean
  readonly strictSpf: boolean
  /** psd=y: registries; psd=n: an organisation begins here. */
  readonly publicSuffix: 'yes' | 'no' | 'unknown'
  /** t=y: the domain only tries; the next gentler policy is applied. */
  readonly testing: boolean
  /** rua=: where reports are wanted. */
  readonly reportsTo: readonly string[]
}

/** Undefined where the text is no record of DMARC, or one that asks for nothing. */
export function readDmarcRecord(text: string): DmarcRecord | undefined {
  if (!/^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text)) return undefined
  const tags = parseTags(text)
  if (!tags) return undefined
  const reportsTo = reportUris(tags.get('rua'))
  const policy = policyOf(tags.get('p'))
  const [sub, absent] = [tags.get('sp'), tags.get('np')]
  const isSound =
    policy !== undefined && [sub, absent].every((each) => each === undefined || policyOf(each) !== undefined)
  // RFC 9989 §4.7: a broken policy of somebody who wants reports is p=none.
  if (!isSound && reportsTo.length === 0) return undefined
  const own = (isSound && policy) || 'none'
  const below = (isSound && policyOf(sub)) || own
  return {
    policy: own,
    subdomainPolicy: below,
    absentPolicy: (isSound && policyOf(absent)) || below,
    strictDkim: tags.get('adkim')?.toLowerCase() === 's',
    strictSpf: tags.get('aspf')?.toLowerCase() === 's',
    publicSuffix: suffixOf(tags.get('psd')?.toLowerCase()),
    // RFC 7489 said pct=0 where RFC 9989 says t=y. Other percentages are not obeyed any more: RFC 9989 appendix A.6.
    testing: tags.get('t')?.toLowerCase() === 'y' || (!tags.has('t') && tags.get('pct') === '0'),
    reportsTo,
  }
}

/** What rua= names, as far as we can write there. */
export const reportUris = (rua: string | undefined): readonly string[] =>
  (rua ?? '')
    .split(',')
    .map((uri) => uri.trim())
    .filter((uri) => /^mailto:.+@/i.test(uri))

function policyOf(text: string | undefined): DmarcPolicy | undefined {
  const small = text?.toLowerCase()
  return small === 'none' || small === 'quarantine' || small === 'reject' ? small : undefined
}

function suffixOf(psd: string | undefined): DmarcRecord['publicSuffix'] {
  if (psd === 'y') return 'yes'
  return psd === 'n' ? 'no' : 'unknown'
}
