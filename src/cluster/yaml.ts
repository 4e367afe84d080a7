import { stringify } from 'yaml'

/** YAML in the form that Kubernetes' own tools write: keys sorted, lists not indented, no folding. */
export function yamlOf(value: object): string {
  return stringify(value, {
    sortMapEntries: true,
    indentSeq: false,
    lineWidth: 0,
    version: '1.1',
    aliasDuplicateObjects: false,
  })
}
