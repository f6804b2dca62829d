/** The row but for some of its columns. */
export function without<Row extends object, Column extends keyof Row>(
  row: Row,
  ...columns: readonly Column[]
): Omit<Row, Column> {
  const rest: Partial<Row> = { ...row }
  for (const column of columns) delete rest[column]
  return rest as Omit<Row, Column>
}
