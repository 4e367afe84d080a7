/** Whether this machine can run the engine: tried for real, by the check that the doctor uses. */
import { checkNamespaces } from '../../toolchain/doctor-kernel.ts'
import { thisMachine } from '../../toolchain/machine.ts'
import type { Support } from '../types.ts'

export async function support(): Promise<Support> {
  const machine = thisMachine()
  if (machine.platform !== 'linux') {
    return missing(
      'no-linux',
      'the namespaces engine needs Linux',
      'use a Linux machine or virtual machine',
    )
  }
  const { ok, message, hint } = await checkNamespaces(machine)
  return ok
    ? { ok: true, missing: [] }
    : missing('userns-forbidden', message, hint ?? '`halab doctor` looks closer')
}

function missing(code: string, message: string, hint: string): Support {
  return { ok: false, missing: [{ code, message, hint }] }
}
