import type { Settings } from './table.ts'

export const scans = (settings: Settings): boolean => settings.ANTIVIRUS !== 'none' || settings.SCAN_MACROS

export const scannerPart = (settings: Settings) => ({
  clamd: settings.ANTIVIRUS === 'none' ? undefined : settings.ANTIVIRUS_ADDRESS,
  macros: settings.SCAN_MACROS,
})
