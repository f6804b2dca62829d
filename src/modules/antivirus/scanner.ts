import type { ServiceAddress } from '../../lib/service-address.ts'
import type { MessageBytes, MessageRef } from '../../ports/message.ts'
import type { MessageScanner, Scan } from '../../ports/message-scanner.ts'
import type { Log, Meter } from '../../ports/runtime.ts'
import { ClamdScanner } from './clamd/scanner.ts'
import { MacroScanner } from './macros/scanner.ts'

export interface ScannerParts {
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly log: Log
  readonly meter: Meter
  /** Undefined: nobody looks for viruses. */
  readonly clamd: ServiceAddress | undefined
  readonly macros: boolean
}

type Look = (id: string, message: MessageRef) => Promise<Scan>

/** Macros first: that takes no other program. */
export function scannerOf(parts: ScannerParts): MessageScanner {
  const { clamd, macros, meter, log } = parts
  const forMacros = macros ? new MacroScanner(parts) : undefined
  const forViruses = clamd && new ClamdScanner({ ...parts, address: clamd })
  const looks: [string, Look][] = []
  if (forMacros) looks.push(['macro', (id, message) => forMacros.scan(id, message)])
  if (forViruses) looks.push(['virus', (id, message) => forViruses.scan(id, message)])
  return {
    async scan(id, message) {
      for (const [what, look] of looks) {
        const began = performance.now()
        const found = await look(id, message).catch((cause: unknown): Scan => {
          log.error('scan.broken', cause, { id, what })
          return { kind: 'failed', why: `the scanner of ${what}s has failed` }
        })
        meter.count('scans_total', { what, outcome: found.kind })
        meter.observeSeconds('scan_seconds', (performance.now() - began) / 1000, { what })
        if (found.kind !== 'clean') return found
      }
      return { kind: 'clean' }
    },
  }
}
