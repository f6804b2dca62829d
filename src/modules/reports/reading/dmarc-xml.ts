import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { DmarcReport, DmarcRow, ReportedSignature } from '../dmarc-report.ts'
import { domainSaid, ipOf, lineOf, numberOf, wordOf } from './said.ts'
import { XmlReader } from './xml.ts'

/** Rows that are kept; what stands in later ones is added to the first that passed and failed as they did. */
const mostRows = 1000
const mostSignatures = 5
const mostErrors = 5
const longestLeaf = 4096
const eventsPerTurn = 1000

/** Reads an aggregate report, of RFC 7489 or RFC 9990: by the names of its elements, in any order. Throws BadSyntax. */
export async function readDmarcXml(xml: string): Promise<DmarcReport> {
  const reader = new XmlReader(xml)
  const reading = new Reading()
  for (let count = 1; reading.take(reader.next()); count++) if (count % eventsPerTurn === 0) await nextTurn()
  return reading.report()
}

/** Texts of elements by their names, `row/source_ip`: the first of a name counts. */
type Texts = Map<string, string>

const recordPath = 'record'
const signaturePath = 'record/auth_results/dkim'

class Reading {
  readonly #path: string[] = []
  #text = ''
  readonly #whole: Texts = new Map()
  #record: Texts = new Map()
  #signature: Texts = new Map()
  #signatures: ReportedSignature[] = []
  readonly #errors: string[] = []
  readonly #rows: DmarcRow[] = []

  /** False at the end. */
  take(event: ReturnType<XmlReader['next']>): boolean {
    switch (event.kind) {
      case 'open':
        if (this.#path.length === 0 && event.name !== 'feedback') throw new BadSyntax('no report of DMARC', 0)
        this.#path.push(event.name)
        this.#text = ''
        return true
      case 'text':
        this.#text += event.text.slice(0, longestLeaf - this.#text.length)
        return true
      case 'close':
        this.#close(this.#path.slice(1).join('/'), this.#text)
        this.#path.pop()
        this.#text = ''
        return true
      case 'end':
        return false
    }
  }

  report(): DmarcReport {
    const report = reportOf(this.#whole, this.#errors, this.#rows)
    const { reportId, domain, begin, end } = report
    if (reportId === '' || domain === '' || end === 0 || end < begin)
      throw new BadSyntax('a report without id, domain or time', 0)
    return report
  }

  #close(path: string, text: string): void {
    if (path === recordPath) this.#endRecord()
    else if (path === signaturePath) this.#endSignature()
    else if (path.startsWith(signaturePath)) keep(this.#signature, path.slice(signaturePath.length + 1), text)
    else if (path.startsWith(recordPath)) keep(this.#record, path.slice(recordPath.length + 1), text)
    else if (path === 'report_metadata/error') this.#errors.push(...errorOf(this.#errors, text))
    else if (wholeNames.has(path)) keep(this.#whole, path, text)
  }

  #endSignature(): void {
    if (this.#signatures.length < mostSignatures) this.#signatures.push(signatureOf(this.#signature))
    this.#signature = new Map()
  }

  #endRecord(): void {
    addRow(this.#rows, rowOf(this.#record, this.#signatures))
    this.#record = new Map()
    this.#signatures = []
  }
}

const mostTexts = 50

function keep(texts: Texts, name: string, text: string): void {
  if (!texts.has(name) && texts.size < mostTexts) texts.set(name, text)
}

const errorOf = ({ length }: readonly string[], text: string) => (length < mostErrors ? [lineOf(text)] : [])

function addRow(rows: DmarcRow[], row: DmarcRow): void {
  if (rows.length < mostRows) {
    rows.push(row)
    return
  }
  const like = rows.findIndex((one) => one.dkim === row.dkim && one.spf === row.spf)
  const at = like < 0 ? mostRows - 1 : like
  const known = rows[at]
  if (known) rows[at] = { ...known, count: known.count + row.count }
}

const policyNames = ['p', 'sp', 'np', 'adkim', 'aspf', 'testing'] as const
const wholeNames = new Set([
  ...['org_name', 'email', 'report_id', 'date_range/begin', 'date_range/end'].map(
    (name) => `report_metadata/${name}`,
  ),
  ...['domain', ...policyNames].map((name) => `policy_published/${name}`),
])

function reportOf(texts: Texts, errors: readonly string[], rows: readonly DmarcRow[]): DmarcReport {
  const about = (name: string) => texts.get(`report_metadata/${name}`) ?? ''
  const policy = (name: string) => texts.get(`policy_published/${name}`) ?? ''
  const [p = '', sp = '', np = '', adkim = '', aspf = '', testing = ''] = policyNames.map((name) =>
    wordOf(policy(name)),
  )
  return {
    org: lineOf(about('org_name')),
    email: lineOf(about('email')),
    reportId: lineOf(about('report_id')),
    begin: numberOf(about('date_range/begin')),
    end: numberOf(about('date_range/end')),
    errors,
    domain: domainSaid(policy('domain')),
    policy: { p, sp, np, adkim, aspf, testing },
    rows,
  }
}

function signatureOf(texts: Texts): ReportedSignature {
  return {
    domain: domainSaid(texts.get('domain') ?? ''),
    selector: lineOf(texts.get('selector') ?? '', 63),
    result: wordOf(texts.get('result') ?? ''),
  }
}

function rowOf(texts: Texts, signatures: readonly ReportedSignature[]): DmarcRow {
  const said = (name: string) => texts.get(name) ?? ''
  const evaluated = (name: string) => said(`row/policy_evaluated/${name}`)
  return {
    ip: ipOf(said('row/source_ip')),
    count: numberOf(said('row/count')),
    disposition: wordOf(evaluated('disposition')),
    dkim: wordOf(evaluated('dkim')) === 'pass',
    spf: wordOf(evaluated('spf')) === 'pass',
    reason: wordOf(evaluated('reason/type')),
    comment: lineOf(evaluated('reason/comment')),
    headerFrom: domainSaid(said('identifiers/header_from')),
    envelopeFrom: domainSaid(said('identifiers/envelope_from')),
    signatures,
    spfDomain: domainSaid(said('auth_results/spf/domain')),
    spfResult: wordOf(said('auth_results/spf/result')),
  }
}
