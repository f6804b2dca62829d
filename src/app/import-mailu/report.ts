import type { AppliedStep, Kind } from '../../ports/directory-writer.ts'
import { type Answer, done } from '../control/answer.ts'
import { type Finding, findingKinds, type Installation, weightOf } from './installation.ts'
import type { ImportPlan } from './plan.ts'
import type { DkimPlan } from './plan-dkim.ts'
import type { ScriptPlan } from './plan-scripts.ts'

interface Outcome {
  readonly steps: readonly AppliedStep[]
  readonly plan: ImportPlan
  readonly dkim: DkimPlan
  readonly scripts: ScriptPlan
  readonly findings: readonly Finding[]
  readonly dryRun: boolean
}

/** For people; machines get all of them. */
const mostLines = 20
/** And machines get no more than this of each kind. */
const mostInJson = 10_000

const plurals: Readonly<Record<Kind, string>> = {
  domain: 'domains',
  relay: 'relayed domains',
  user: 'users',
  alias: 'aliases',
  token: 'app tokens',
  fetch: 'fetched accounts',
  manager: 'managers',
  access: 'rights to anonymous aliases',
  departure: 'users who are deleted soon',
  setting: 'settings',
}

const countedNames: Readonly<Record<string, string>> = {
  ...plurals,
  dkim: 'DKIM keys',
  scripts: 'Sieve scripts',
}

const leftBehind =
  'Not imported: mail, calendars, address books, webmail settings, what the spam filter learned, and the queue. ' +
  'Leave Mailu’s folders where they are: later releases bring "homepost import mailu" for them. docs/migration.md has all of it.'

export function reportStopped(mailu: Installation, findings: readonly Finding[]): Answer {
  const text = [
    readLine(mailu),
    ...findingLines(findings),
    '',
    'Nothing was imported and nothing was changed. Put right what stands under "Stops" and import again.',
  ].join('\n')
  return { kind: 'refused', text, json: { ...jsonOf(mailu, findings), imported: false } }
}

export function reportDone(mailu: Installation, outcome: Outcome): Answer {
  const counts = countsOf(outcome)
  const { dryRun, findings } = outcome
  const text = [
    readLine(mailu),
    ...findingLines(findings),
    '',
    ...(dryRun ? stepLines(outcome.steps) : []),
    dryRun ? 'This was a dry run: nothing was changed. An import would come to' : 'Imported.',
    ...countLines(counts),
    '',
    leftBehind,
  ].join('\n')
  const steps = dryRun ? { steps: outcome.steps.slice(0, mostInJson) } : {}
  return done(text, { ...jsonOf(mailu, findings), imported: !dryRun, counts, ...steps })
}

const readLine = ({ file, revision }: Installation) =>
  `Mailu’s directory in ${file}${revision === '' ? '' : `, revision ${revision}`}.`

const headings = { stop: 'Stops', 'left out': 'Left out', look: 'Look at this' } as const

function findingLines(findings: readonly Finding[]): string[] {
  const byKind = Map.groupBy(findings, ({ what }) => what)
  return (['stop', 'left out', 'look'] as const).flatMap((weight) => {
    const lines = [...byKind].flatMap(([what, all]) => {
      const { weight: ofKind, title } = findingKinds[what]
      return ofKind === weight
        ? [`  ${title}:`, ...listed(all.map(({ on, text }) => `    ${on}: ${text}`))]
        : []
    })
    return lines.length === 0 ? [] : ['', headings[weight], ...lines]
  })
}

/** What strangers wrote must not steer the terminal. */
const plain = (line: string) => line.replaceAll(/\p{Cc}/gu, '\ufffd')

function listed(raw: readonly string[]): string[] {
  const lines = raw.map(plain)
  const more = lines.length - mostLines
  return more <= 0 ? [...lines] : [...lines.slice(0, mostLines), `    … and ${more} more; --json lists them`]
}

function stepLines(steps: readonly AppliedStep[]): string[] {
  const lines = steps
    .filter(({ did }) => did !== 'unchanged')
    .map(({ did, on, key, columns }) => {
      const changed = columns.map(({ column }) => column).join(', ')
      return `    ${did === 'created' ? 'new' : 'changed'} ${on} ${key}${did === 'created' ? '' : `: ${changed}`}`
    })
  return listed(lines)
}

interface Counts {
  readonly created: number
  readonly modified: number
  readonly unchanged: number
}

function countsOf({ steps, plan, dkim, scripts }: Outcome): Record<string, Counts> {
  const count = (on: Kind, did: AppliedStep['did']) =>
    steps.filter((step) => step.on === on && step.did === did).length
  const ofKinds = Object.keys(plurals).map((name) => {
    const on = name as Kind
    const unchanged = count(on, 'unchanged') + (plan.unchanged.get(on) ?? 0)
    return [on, { created: count(on, 'created'), modified: count(on, 'modified'), unchanged }]
  })
  const ofKeys = { created: dkim.put.length, modified: 0, unchanged: dkim.unchanged }
  const { put, modified, unchanged } = scripts
  const ofScripts = { created: put.length - modified, modified, unchanged }
  return Object.fromEntries([...ofKinds, ['dkim', ofKeys], ['scripts', ofScripts]]) as Record<string, Counts>
}

function countLines(counts: Readonly<Record<string, Counts>>): string[] {
  return Object.entries(counts)
    .filter(([, { created, modified, unchanged }]) => created + modified + unchanged > 0)
    .map(([on, { created, modified, unchanged }]) => {
      const parts = [
        [created, 'new'],
        [modified, 'changed'],
        [unchanged, 'unchanged'],
      ] as const
      const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
      return `  ${countedNames[on] ?? on}: ${said.join(', ')}`
    })
}

function jsonOf({ file, revision }: Installation, findings: readonly Finding[]) {
  const all = findings.map((finding) => ({ weight: weightOf(finding), ...finding }))
  return { file, revision, findings: all.slice(0, mostInJson), findingsInAll: all.length }
}
