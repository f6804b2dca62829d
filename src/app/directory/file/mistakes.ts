/** A spot in a configuration file, for messages: `user[2].tokens[0]`. */
export interface Place {
  readonly path: string
  readonly line: number
}

const mostTold = 100

/** What is wrong with a file; all of it is told at once. */
export class Mistakes {
  readonly #found: string[] = []

  add(place: Place, text: string): void {
    this.#found.push(placed(place, text))
  }

  get none(): boolean {
    return this.#found.length === 0
  }

  texts(): string[] {
    const left = this.#found.length - mostTold
    return left > 0 ? [...this.#found.slice(0, mostTold), `and ${left} more mistakes`] : this.#found
  }
}

export function placed({ line, path }: Place, text: string): string {
  return path === '' ? `line ${line}: ${text}` : `line ${line}, ${path}: ${text}`
}

export function within(place: Place, name: string, line: number): Place {
  return { path: place.path === '' ? name : `${place.path}.${name}`, line }
}

export function nth(place: Place, at: number, line: number): Place {
  return { path: `${place.path}[${at}]`, line }
}
