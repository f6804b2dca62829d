import type { Arrival, Refused } from '../../ports/intake.ts'
import type { MessageScanner, Scan } from '../../ports/message-scanner.ts'
import type { Log } from '../../ports/runtime.ts'
import { refusals } from './refusals.ts'

export interface Inspecting {
  /** Undefined: nobody looks. */
  readonly scanner?: MessageScanner | undefined
  readonly log: Log
  readonly rules: {
    /** A virus is refused, or goes on with a mark. */
    readonly virusAction?: 'refuse' | 'mark'
    /** While nobody can tell, mail waits, or goes on with a mark. */
    readonly unscannedAction?: 'later' | 'mark'
  }
}

type Inspected = { readonly kind: 'inspected'; readonly arrival: Arrival } | Refused

/** Nothing that harms comes in or goes out, whoever sends it. */
export async function inspect({ scanner, log, rules }: Inspecting, arrival: Arrival): Promise<Inspected> {
  if (!scanner) return { kind: 'inspected', arrival }
  const { id, message } = arrival
  const scan = await scanner.scan(id, message)
  switch (scan.kind) {
    case 'clean':
      return { kind: 'inspected', arrival }
    case 'found':
      log.warn('scan.found', { id, symbol: symbols[scan.what], name: scan.name, part: scan.part })
      if (scan.what === 'virus' && rules.virusAction === 'mark')
        return marked(arrival, `X-Virus: ${asWord(scan.name)}`)
      return refusalFor(scan)
    case 'failed':
      log.warn('scan.failed', { id, why: scan.why })
      return rules.unscannedAction === 'mark'
        ? marked(arrival, 'X-Virus-Status: not scanned')
        : refusals.unscanned
  }
}

/** Rspamd's names, which people may look for in the log. */
const symbols = { virus: 'CLAM_VIRUS', macro: 'OLETOOLS_DANGEROUS' }

function refusalFor({ what, name, part }: Extract<Scan, { kind: 'found' }>): Refused {
  const where = part === undefined ? 'the message' : `the attachment "${asText(part)}"`
  return what === 'virus' ? refusals.virus(where, asWord(name)) : refusals.macro(where, asText(name))
}

function marked(arrival: Arrival, field: string): Inspected {
  return { kind: 'inspected', arrival: { ...arrival, trace: `${field}\r\n${arrival.trace}` } }
}

/** What a stranger may have chosen, for a line of ours. */
const asText = (text: string): string => text.replace(/[^\x20-\x7e]|["\\<>]/g, '?').slice(0, 80)
const asWord = (text: string): string => asText(text).replace(/\s+/g, '-')
