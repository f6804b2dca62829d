import type { MessageScanner } from '../../ports/message-scanner.ts'
import type { Log, Service } from '../../ports/runtime.ts'
import { type ScannerParts, scannerOf } from './scanner.ts'
import { scannerFolder } from './supervised/configuration.ts'

/** Looks for viruses with clamd, and for dangerous macros. */
export function createMessageScanner(parts: ScannerParts): MessageScanner {
  return scannerOf(parts)
}

interface OwnClamdParts {
  readonly dataDir: string
  readonly messageOctets: number
  readonly log: Log
}

/** Starts, watches, updates and stops a clamd of our own. */
export function createOwnClamd({ dataDir, ...parts }: OwnClamdParts): {
  readonly address: ScannerParts['clamd']
  readonly service: Service
} {
  const at = scannerFolder(dataDir)
  let running: Service | undefined
  return {
    address: { kind: 'unix', path: at.socket },
    service: {
      name: 'antivirus',
      async start() {
        const { supervisedService } = await import('./supervised/service.ts')
        running = supervisedService({ at, ...parts })
        await running.start()
      },
      drain: async () => undefined,
      stop: async () => running?.stop(),
    },
  }
}
