import type { ServiceAddress } from '../../lib/service-address.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { MessageScanner, Scan } from '../../ports/message-scanner.ts'
import type { Log, Meter } from '../../ports/runtime.ts'
import { ClamdScanner } from './clamd/scanner.ts'

export interface ScannerParts {
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly log: Log
  readonly meter: Meter
  /** Undefined: nobody looks for viruses. */
  readonly clamd: ServiceAddress | undefined
}

export function scannerOf(parts: ScannerParts): MessageScanner {
  const { clamd, meter } = parts
  const viruses = clamd && new ClamdScanner({ ...parts, address: clamd })
  return {
    async scan(id, message) {
      if (!viruses) return { kind: 'clean' }
      const began = performance.now()
      const found = await viruses.scan(id, message)
      said(meter, 'virus', found, began)
      return found
    },
  }
}

function said(meter: Meter, what: string, { kind }: Scan, began: number): void {
  meter.count('scans_total', { what, outcome: kind })
  meter.observeSeconds('scan_seconds', (performance.now() - began) / 1000, { what })
}
