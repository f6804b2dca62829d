import type { Address } from '../lib/address.ts'
import { ErrandThread } from '../platform/errand-thread.ts'
import type { ConfigFiles } from '../ports/config-files.ts'
import type { ReadYaml } from './cli/yaml.ts'
import type { ConfigErrand } from './config-text.worker.ts'
import type { VerbPorts } from './control/verb.ts'
import { applyPlan } from './directory/file/apply.ts'
import { currentOf } from './directory/file/current.ts'
import { exportFile } from './directory/file/export.ts'
import { everything } from './directory/file/filter.ts'
import { Mistakes } from './directory/file/mistakes.ts'
import { type Plan, plan } from './directory/file/plan.ts'
import { readFile } from './directory/file/read-file.ts'

/** What `homepost config export` and `… import` do, for a browser. */
export function createConfigFiles(ports: Pick<VerbPorts, 'admin' | 'secrets' | 'dkimKeys'>): ConfigFiles {
  const aside = new ErrandThread<ConfigErrand, ReadYaml | string>(
    new URL('./config-text.worker.ts', import.meta.url),
    'config-text',
  )
  return {
    async export(asked) {
      const current = await currentOf(ports)
      const sections = exportFile({ ...asked, dns: false, wanted: everything, current, records: new Map() })
      return (await aside.run({ kind: 'write', sections })) as string
    },
    async import({ text, replaces, dryRun, actor }) {
      const read = (await aside.run({ kind: 'read', text })) as ReadYaml
      if (read.kind === 'mistakes') return { kind: 'refused', mistakes: read.mistakes }
      const current = await currentOf(ports)
      const mistakes = new Mistakes()
      const reading = { mode: replaces ? ('replace' as const) : ('update' as const), mistakes }
      const planned = plan(readFile(read.node, reading), reading, current)
      if (!mistakes.none) return { kind: 'refused', mistakes: mistakes.texts() }
      const lockedOut = lockOut(planned, actor, replaces)
      if (lockedOut !== undefined) return { kind: 'refused', mistakes: [lockedOut] }
      const done = await applyPlan(planned, ports, { dryRun, deleteUsers: replaces, actor })
      if (done.kind === 'refused') return { kind: 'refused', mistakes: done.texts }
      const { lines, summary } = done.report
      return { kind: 'imported', lines: [...planned.remarks, ...lines], summary }
    },
  }
}

/** Nobody takes the rights from himself that he needs to take it back. */
function lockOut({ unnamed, changes }: Plan, actor: Address, replaces: boolean): string | undefined {
  if (replaces && unnamed.includes(actor))
    return `The file does not name you (${actor}): you would be deleted.`
  const isOff = changes.some(
    ({ change }) =>
      change.on === 'user' &&
      change.do === 'put' &&
      change.row.address === actor &&
      (change.row.enabled === false || change.row.globalAdmin !== true),
  )
  return isOff ? `The file switches you off (${actor}), or makes you no admin any more.` : undefined
}
