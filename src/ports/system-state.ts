/** How the server is: for those who look after it. */
export interface SystemState {
  /** Asks every part whether it answers; some seconds where one does not. */
  now(): Promise<SystemReport>
}

export interface SystemReport {
  readonly versions: { readonly homepost: string; readonly node: string; readonly system: string }
  /** UTC milliseconds. */
  readonly startedAt: number
  /** Octets. */
  readonly memory: { readonly used: number; readonly machine: number }
  readonly openFiles: { readonly used: number; readonly most: number } | undefined
  /** Share of the time since the start that the main thread was busy, 0 to 1. */
  readonly busy: number
  /** Where the data folder is. */
  readonly disk: { readonly folder: string; readonly free: number; readonly total: number }
  /** The largest first. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
  readonly parts: readonly PartState[]
  readonly listening: readonly { readonly name: string; readonly host: string; readonly port: number }[]
}

export interface PartState {
  readonly name: 'directory' | 'mail' | 'resolver' | 'spam' | 'antivirus' | 'reports'
  /** `off`: the settings say so. `elsewhere`: another server does it, and was not asked. */
  readonly state: 'works' | 'fails' | 'off' | 'elsewhere'
  /** How long its answer took. */
  readonly milliseconds: number
  /** What went wrong, for people; '' where nothing did. */
  readonly why: string
}
