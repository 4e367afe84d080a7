/** Columns side by side, two spaces apart, the last one ragged. Widths are those of the text without colours. */
import { stripVTControlCharacters } from 'node:util'

export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, visible(cell))
    })
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell + ' '.repeat(widths[column]! - visible(cell)),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function visible(cell: string): number {
  return stripVTControlCharacters(cell).length
}
