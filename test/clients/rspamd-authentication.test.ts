import { afterAll, beforeAll, expect, test } from 'vitest'
import { requireDebian } from './support/debian.ts'
import { type RspamdScanner, startRspamdScanner } from './support/rspamd-scanner.ts'
import { type SketchStage, sketch, startSketches } from './support/sketches.ts'

let stage: SketchStage
let rspamd: RspamdScanner

beforeAll(async () => {
  await requireDebian('rspamd')
  stage = await startSketches()
  rspamd = await startRspamdScanner(stage.port)
})
afterAll(async () => {
  await rspamd?.stop()
  await stage?.end()
})

const spfSymbols: Readonly<Record<string, string>> = {
  R_SPF_ALLOW: 'pass',
  R_SPF_FAIL: 'fail',
  R_SPF_SOFTFAIL: 'softfail',
  R_SPF_NEUTRAL: 'neutral',
  R_SPF_NA: 'none',
  R_SPF_PERMFAIL: 'permerror',
  R_SPF_DNSFAIL: 'temperror',
}
const dkimSymbols: Readonly<Record<string, string>> = {
  R_DKIM_ALLOW: 'pass',
  R_DKIM_REJECT: 'fail',
  R_DKIM_PERMFAIL: 'permerror',
  R_DKIM_TEMPFAIL: 'temperror',
  R_DKIM_NA: 'none',
}
const dmarcSymbols: Readonly<Record<string, string>> = {
  DMARC_POLICY_ALLOW: 'pass',
  DMARC_POLICY_REJECT: 'fail reject',
  DMARC_POLICY_QUARANTINE: 'fail quarantine',
  DMARC_POLICY_SOFTFAIL: 'fail none',
  DMARC_NA: 'none',
  DMARC_BAD_POLICY: 'permerror',
}

const oneOf = (table: Readonly<Record<string, string>>, symbols: readonly string[]): string =>
  symbols.flatMap((symbol) => table[symbol] ?? []).join('+') || 'nothing'

/** Where rspamd says something else, and why we do not. */
const explained: readonly { readonly difference: RegExp; readonly said: RegExp; readonly why: string }[] = [
  {
    difference: /^SPF: ours permerror, rspamd fail$/,
    said: /envelope (?:<> of \S*)?broken\.test/,
    why: 'RFC 7208 §4.6: a mistake anywhere in a record makes it invalid; rspamd leaves the term out',
  },
]
const isExplained = (difference: string, said: string) =>
  explained.some((one) => one.difference.test(difference) && one.said.test(said))

test('of 1,000 messages rspamd says the same of SPF, DKIM and DMARC', { timeout: 300_000 }, async () => {
  const differences = new Map<string, string[]>()
  const note = (what: string, one: string, other: string, said: string) => {
    if (one === other) return
    const name = `${what}: ours ${one}, rspamd ${other}`
    if (isExplained(name, said)) return
    differences.set(name, [...(differences.get(name) ?? []), said])
  }
  const seen = new Set<string>()
  for (let number = 0; number < 1000; number++) {
    const made = await sketch(number)
    const { spf, dkim, dmarc } = await stage.checks(made)
    const fields = { IP: made.ip, Helo: made.helo, From: made.sender, Rcpt: 'bob@home.test' }
    const symbols = await rspamd.symbols(made.text, fields)
    const dmarcSaid = dmarc.result === 'fail' ? `fail ${dmarc.policy}` : dmarc.result
    for (const result of [spf.result, dkim[0]?.result, dmarcSaid]) seen.add(String(result))
    note('SPF', spf.result, oneOf(spfSymbols, symbols), made.said)
    note('DKIM', dkim[0]?.result ?? 'none', oneOf(dkimSymbols, symbols), made.said)
    note('DMARC', dmarcSaid, oneOf(dmarcSymbols, symbols), made.said)
  }
  expect([...seen].sort()).toEqual([
    'fail',
    'fail none',
    'fail quarantine',
    'fail reject',
    'neutral',
    'none',
    'pass',
    'permerror',
    'softfail',
    'undefined',
  ])
  expect([...differences]).toEqual([])
})
