import type { DomainName } from '../../lib/address.ts'
import { fieldValue, type Header } from '../../lib/mime/header.ts'
import type { BimiCheck } from '../../ports/mail-authentication.ts'
import type { DmarcVerdict } from './dmarc/check.ts'
import { walkTree } from './dmarc/tree-walk.ts'
import type { Lookups } from './lookups.ts'
import type { FoundSignature } from './signature/check.ts'
import { parseTags } from './signature/tags.ts'

interface Question {
  readonly header: Header
  readonly dmarc: DmarcVerdict
  /** Those that have passed. */
  readonly signatures: readonly FoundSignature[]
}

/**
 * Which picture the author's domain wants beside its mail (draft-brand-indicators-for-message-identification). Only the record is looked at:
 * the picture and its certificate are for whoever shows it. Undefined where the domain does not stand for its mail: nobody asks then.
 */
export async function checkBimi(question: Question, lookups: Lookups): Promise<BimiCheck | undefined> {
  const { dmarc } = question
  if (!standsForItsMail(dmarc)) return undefined
  const author = dmarc.author as DomainName
  const selector = selectorOf(question)
  const own = await findRecord(author, selector, lookups)
  if (own.result !== 'none') return own
  const walked = await walkTree(author, lookups)
  if (walked.kind === 'trouble') return { ...own, result: 'temperror' }
  return walked.organization === author ? own : findRecord(walked.organization, selector, lookups)
}

/** §7.1: a proven author, whose domain and all below it want forgeries kept out. */
function standsForItsMail({ result, evaluated }: DmarcVerdict): boolean {
  if (result !== 'pass' || !evaluated) return false
  const { policy, subdomainPolicy, testing } = evaluated.published
  return policy !== 'none' && subdomainPolicy !== 'none' && !testing
}

const selectorPattern = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i

/** §4.4: the message may name another, in a field that its signature covers. */
function selectorOf({ header, signatures }: Question): string {
  const isSigned = signatures.some(
    ({ read }) =>
      read.kind === 'signature' &&
      read.signature.names.some((name) => name.toLowerCase() === 'bimi-selector'),
  )
  const tags = isSigned ? parseTags(fieldValue(header, 'bimi-selector') ?? '') : undefined
  const selector = tags?.get('v')?.toUpperCase() === 'BIMI1' ? (tags.get('s') ?? '') : ''
  return selectorPattern.test(selector) ? selector.toLowerCase() : 'default'
}

async function findRecord(domain: string, selector: string, lookups: Lookups): Promise<BimiCheck> {
  const about = { domain, selector, indicator: '', evidence: '' }
  const texts = await lookups.texts(`${selector}._bimi.${domain}`)
  if (texts === 'trouble') return { result: 'temperror', ...about }
  const records =
    texts === 'none' ? [] : texts.filter((text) => /^v[ \t]*=[ \t]*BIMI1[ \t]*(?:;|$)/i.test(text))
  const [record, ...others] = records
  if (record === undefined) return { result: 'none', ...about }
  const tags = parseTags(record)
  if (others.length > 0 || !tags) return { result: 'fail', ...about }
  const [indicator = '', evidence = ''] = [tags.get('l'), tags.get('a')]
  // §4.2: who has a record with nothing in it wants no picture.
  if (indicator === '' && evidence === '') return { result: 'declined', ...about }
  const isSound = [indicator, evidence].every((uri) => uri === '' || isHttps(uri))
  return isSound ? { result: 'pass', ...about, indicator, evidence } : { result: 'fail', ...about }
}

const isHttps = (uri: string) => uri.length <= 1000 && /^https:\/\/[!-~]+$/i.test(uri) && URL.canParse(uri)
