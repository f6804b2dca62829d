import type { Settings } from './table.ts'

export const scans = (settings: Settings): boolean => settings.ANTIVIRUS !== 'none'

export const scannerPart = (settings: Settings) => ({
  clamd: settings.ANTIVIRUS === 'none' ? undefined : settings.ANTIVIRUS_ADDRESS,
})
