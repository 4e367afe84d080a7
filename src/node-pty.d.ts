/**
 * node-pty comes from a package with prebuilt binaries, whose own declarations name that package;
 * these are the parts in use, as node-pty 1.1 has them (with `encoding: null` data comes as Buffers).
 */
declare module 'node-pty' {
  export interface IPty {
    readonly pid: number
    readonly onData: (listener: (chunk: string) => void) => { dispose(): void }
    readonly onExit: (listener: (exit: { exitCode: number; signal?: number }) => void) => {
      dispose(): void
    }
    resize(columns: number, rows: number): void
    write(data: string | Buffer): void
    pause(): void
    resume(): void
    kill(signal?: string): void
  }
  export interface SpawnOptions {
    readonly name?: string
    readonly cols?: number
    readonly rows?: number
    readonly cwd?: string
    readonly env?: Record<string, string | undefined>
    readonly encoding?: string | null
  }
  export function spawn(file: string, args: readonly string[], options: SpawnOptions): IPty
}
