import { systemClock } from '../platform/clock.ts'
import { createLog } from '../platform/log.ts'
import type { Meter } from '../ports/runtime.ts'
import { composeData } from './compose-data.ts'
import type { VerbPorts } from './control/verb.ts'
import { Lifecycle } from './lifecycle.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

/** Directory and store without any port, for a command on a stopped server. The caller holds the folder's lock. */
export async function openData(settings: Settings): Promise<{ ports: VerbPorts; close(): Promise<void> }> {
  const log = createLog({ level: 'warn', pretty: true, out: process.stderr })
  const container = composeData({ settings, ambient: { clock: systemClock, log, meter: noMeter } })
  const services = [...container.get(t.dataServices), ...[container.get(t.spamFilter)?.service ?? []].flat()]
  const lifecycle = new Lifecycle({ services, log, clock: systemClock })
  await lifecycle.start()
  return { ports: container.get(t.verbPorts), close: () => lifecycle.end() }
}

const noMeter: Meter = { count: () => undefined, gauge: () => undefined, observeSeconds: () => undefined }
