import { hostnameOf } from './parts.ts'
import type { Settings } from './table.ts'

export const scans = (settings: Settings): boolean => settings.ANTIVIRUS !== 'none' || settings.SCAN_MACROS

export const scannerPart = (settings: Settings) => ({
  clamd: settings.ANTIVIRUS === 'clamav' ? settings.ANTIVIRUS_ADDRESS : undefined,
  macros: settings.SCAN_MACROS,
})

export const ownClamdPart = (settings: Settings) => ({
  dataDir: settings.DATA_DIR,
  messageOctets: settings.MESSAGE_SIZE_LIMIT,
})

export const milterPart = (settings: Settings) => ({
  milters: settings.MILTERS,
  whenAway: settings.MILTER_DEFAULT_ACTION,
  hostname: hostnameOf(settings),
})
