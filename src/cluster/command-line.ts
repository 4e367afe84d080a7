export type Flags = Readonly<Record<string, string | undefined>>

/** `['program', '--a=1', '--b=2']`, sorted as kubeadm sorts; a flag without a value is left out. */
export function command(program: string, flags: Flags): string[] {
  return [
    program,
    ...Object.keys(flags)
      .filter((name) => flags[name] !== undefined)
      .sort()
      .map((name) => `--${name}=${flags[name]}`),
  ]
}
