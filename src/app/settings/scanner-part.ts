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
