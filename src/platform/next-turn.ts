/** Resolves when everybody else had their turn: for the middle of long work, whose steps each keep the thread. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
