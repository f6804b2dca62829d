import type { Address } from '../../lib/address.ts'
import type { StoredHashes } from '../../ports/credentials.ts'
import type { DirectoryReader, DirectorySecrets } from '../../ports/directory-reader.ts'
import type { Change, DirectoryWriter, NotApplied } from '../../ports/directory-writer.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { SieveScripts } from '../../ports/sieve-scripts.ts'
import { type Answer, refused } from '../control/answer.ts'
import { checksHere } from './checks-here.ts'
import { otherSettings } from './environment.ts'
import { withUsableHashes } from './hashes.ts'
import { type Environment, type Finding, type Installation, weightOf } from './installation.ts'
import { planImport } from './plan.ts'
import { type DkimPlan, planDkim } from './plan-dkim.ts'
import { planScripts, putScripts } from './plan-scripts.ts'
import { reportDone, reportStopped } from './report.ts'

export interface ImportPorts {
  readonly reader: Pick<DirectoryReader, 'everything' | 'user'>
  readonly secrets: Pick<DirectorySecrets, 'passwords' | 'fetches'>
  readonly hashes: StoredHashes
  readonly writer: Pick<DirectoryWriter, 'apply'>
  readonly dkim: Pick<DkimKeys, 'read' | 'put'>
  readonly scripts: SieveScripts
}

export interface ImportRules {
  readonly postmaster: Address
  readonly recipientDelimiter: string
  readonly dkimSelector: string
  readonly environment: Environment
  /** What differs becomes as it is in Mailu. */
  readonly update: boolean
  readonly dryRun: boolean
}

/** Takes over what was read of a Mailu: everything that stops it is told before anything changes. */
export async function importMailu(
  ports: ImportPorts,
  mailu: Installation,
  rules: ImportRules,
): Promise<Answer> {
  const rows = await ports.reader.everything()
  const here = {
    rows,
    passwordHashes: await ports.secrets.passwords(),
    fetchPasswords: await ports.secrets.fetches(),
  }
  const checked = await withUsableHashes(mailu.rows, ports.hashes)
  const plan = planImport(checked.rows, { ...here, locked: checked.locked }, rules)
  const dkim = await planDkim(mailu.dkimKeys, ports.dkim, { selector: rules.dkimSelector, ...rules })
  const accounts = new Map(rows.users.map(({ address, account }) => [address, account]))
  const scripts = await planScripts(mailu.scripts, { scripts: ports.scripts, accounts }, rules)
  const findings = [
    ...mailu.findings,
    ...checked.findings,
    ...otherSettings(mailu.environment, rules.environment),
    ...checksHere(mailu.rows, rows, rules),
    ...plan.findings,
    ...dkim.findings,
    ...scripts.findings,
  ]
  if (findings.some((finding) => weightOf(finding) === 'stop')) {
    const more = await refusalsBeside(findings, plan.changes, ports.writer)
    return reportStopped(mailu, [...findings, ...more])
  }
  const applied = await ports.writer.apply(plan.changes, {
    actor: 'import',
    dryRun: rules.dryRun,
    overLimits: true,
  })
  switch (applied.kind) {
    case 'later':
      return refused(`${applied.text} Nothing was changed.`)
    case 'not-applied':
      return reportStopped(mailu, [...findings, ...refusalsOf(applied)])
    case 'applied': {
      const broken = rules.dryRun
        ? []
        : [...(await putKeys(ports.dkim, dkim)), ...(await putScripts(ports, scripts))]
      const all = [...findings, ...broken]
      return reportDone(mailu, {
        steps: applied.steps,
        plan,
        dkim,
        scripts,
        findings: all,
        dryRun: rules.dryRun,
      })
    }
  }
}

/** What the directory would refuse as well, so that people hear all of it at once; not what only follows from the findings. */
async function refusalsBeside(
  findings: readonly Finding[],
  changes: readonly Change[],
  writer: ImportPorts['writer'],
): Promise<Finding[]> {
  const tried = await writer.apply(changes, { actor: 'import', dryRun: true, overLimits: true })
  if (tried.kind !== 'not-applied') return []
  const told = new Set(findings.map(({ on }) => on))
  const beside = tried.refusals.filter(
    ({ key, outcome }) => !told.has(key) && outcome.kind === 'refused' && !/^missing-/.test(outcome.reason),
  )
  return refusalsOf({ ...tried, refusals: beside })
}

function refusalsOf({ refusals }: NotApplied): Finding[] {
  return refusals.map(({ on, key, outcome }) => ({
    what: 'refused here',
    on: `${on} ${key}`,
    text: outcome.kind === 'missing' ? 'is not there any more' : outcome.text,
  }))
}

/** Keys are files, each by itself: one that is refused stops no other. */
async function putKeys(keys: Pick<DkimKeys, 'put'>, { put }: DkimPlan): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { domain, selector, pem } of put) {
    const kept = await keys.put(domain, { pem })
    if (kept.kind === 'refused')
      findings.push({ what: 'key unreadable', on: `${domain}.${selector}.key`, text: kept.text })
  }
  return findings
}
