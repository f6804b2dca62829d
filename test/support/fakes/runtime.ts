import type { Fields, Log, Meter } from '../../../src/ports/runtime.ts'

export interface LoggedEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: Fields
}

/** Keeps what was logged. */
export function createFakeLog(
  events: LoggedEvent[] = [],
  always: Fields = {},
): Log & { events: readonly LoggedEvent[] } {
  const note =
    (level: LoggedEvent['level']) =>
    (event: string, fields: Fields = {}) => {
      events.push({ level, event, fields: { ...always, ...fields } })
    }
  return {
    events,
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error: (event, cause, fields = {}) => note('error')(event, { ...fields, cause: String(cause) }),
    with: (fields) => createFakeLog(events, { ...always, ...fields }),
  }
}

/** An event as a dialog shows it. */
export function describeEvent({ event, fields }: LoggedEvent, without = ''): string {
  const shown = Object.entries(fields).filter(([name, value]) => value !== undefined && name !== without)
  return `${event} ${shown.map(([name, value]) => `${name}=${value}`).join(' ')}`
}

export const silentMeter: Meter = { count() {}, gauge() {}, observeSeconds() {} }
