/** One running lab: its cluster, its evidence, its verdicts, and what state it is in. */
import { copyFile } from 'node:fs/promises'
import { HalabError, errorBody } from '../errors.ts'
import type { RunFile } from '../engines/runs.ts'
import { namespacesEngine } from '../engines/namespaces/index.ts'
import { paths } from '../engines/namespaces/paths.ts'
import { createGradingSession, loadGrader, loadLab, createHistory } from '../grading/index.ts'
import type { GradingSession, History, LabSpec, TaskCounts } from '../grading/index.ts'
import { layout } from '../cluster/layout.ts'
import type { AgentEvent, FaultReceipt, FaultRequest } from '../wire/agent-api.ts'
import type { Evidence, LabState, Observation } from '../wire/evidence.ts'
import type { NodeSummary, RunSummary } from '../wire/lab.ts'
import type { Results } from '../wire/results.ts'
import type { MapState } from '../wire/state.ts'
import { createAudience, type Audience } from './audience.ts'
import { bootCluster, type BootedCluster } from './boot/boot.ts'
import { untilReady, untilUsable } from './boot/ready.ts'
import { until } from './boot/conditions.ts'
import { labClock, type LabClock } from './clock.ts'
import { openEvidenceLog, type EvidenceLog } from './evidence-log.ts'
import { injectFault } from './faults.ts'
import { LIMITS } from './limits.ts'
import { liveQuery } from './live-query.ts'
import { startRecorder, type Recorder } from './recorder/index.ts'
import { keepCounts, keepResults, readCounts, type Counts } from './run-archive.ts'
import { setupContext } from './setup-context.ts'
import { createTerminals, type Terminals } from './terminals.ts'

export interface Lab {
  readonly run: RunFile
  readonly spec: LabSpec
  readonly log: EvidenceLog
  readonly terminals: Terminals
  readonly grading: GradingSession
  readonly booted: BootedCluster | undefined
  summary(): RunSummary
  map(): MapState
  fault(request: FaultRequest): Promise<FaultReceipt>
  pause(): Promise<void>
  resume(): Promise<void>
  /** Back to the start state: name, seed, attempts and hints stay. Resolves once it boots. */
  reset(): Promise<void>
  end(): Promise<void>
  /** AgentEvents as they happen. */
  onEvent(listener: (event: AgentEvent) => void): () => void
}

export async function openLab(run: RunFile & { lab: string }): Promise<Lab> {
  const clock = labClock(BigInt(run.beganNs))
  const { spec } = await loadLab(paths.app, run.lab)
  const grader = await loadGrader(paths.app, run.lab)
  // The cache may be emptied while the lab runs; its reset must not depend on it.
  await copyFile(`${paths.golden}/${run.goldenKey}.db`, GOLDEN_COPY)
  const log = openEvidenceLog(`${paths.archive}/evidence.jsonl`, clock)
  const nodes = layout(spec.topology)
  const lab = new RunningLab({ run, spec, clock, log, nodes, counts: await readCounts() })
  lab.grading = createGradingSession({
    grader,
    context: {
      history: lab.history,
      spec,
      topology: spec.topology,
      seed: run.seed,
      startedAt: run.startedAt,
      query: liveQuery(() => lab.booted, log),
      now: () => Math.round(clock.now()),
    },
    run: { name: run.name, engine: run.engine },
    record: (observation) => void log.append(observation),
    counts: lab.counts,
    onCounts: (task, counts) => lab.keepCounts(task, counts),
  })
  lab.begin()
  return lab
}

const GOLDEN_COPY = `${paths.lab}/golden.db`

interface Parts {
  readonly run: RunFile & { lab: string }
  readonly spec: LabSpec
  readonly clock: LabClock
  readonly log: EvidenceLog
  readonly nodes: readonly NodeSummary[]
  readonly counts: Counts
}

class RunningLab implements Lab {
  readonly run: RunFile & { lab: string }
  readonly spec: LabSpec
  readonly log: EvidenceLog
  readonly history: History = createHistory()
  readonly terminals: Terminals
  readonly counts: Counts
  grading!: GradingSession
  booted: BootedCluster | undefined
  readonly #clock: LabClock
  readonly #nodes: readonly NodeSummary[]
  readonly #audience: Audience
  readonly #over = new AbortController()
  #recorder: Recorder | undefined
  #boot = new AbortController()
  #state: LabState = 'booting'
  #before: LabState = 'booting'
  #stage = 'start'
  #ms: { usable: number | null; ready: number | null } = { usable: null, ready: null }
  #error: RunSummary['error']
  #memory: number | null = null
  #measuredAt = -Infinity
  /** Power, pause, reset and faults one after another. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ run, spec, clock, log, nodes, counts }: Parts) {
    this.run = run
    this.spec = spec
    this.log = log
    this.#clock = clock
    this.#nodes = nodes
    this.counts = counts
    this.#audience = createAudience(nodes)
    this.terminals = createTerminals((name) => this.#node(name))
    this.terminals.onChange(() => {
      this.#audience.tell({ type: 'terminals', terminals: this.terminals.list() })
    })
    log.follow((line) => this.#see(line))
  }

  begin(): void {
    const mapBeat = setInterval(() => this.#audience.tellMap(), LIMITS.mapEveryMs)
    const gradeBeat = setInterval(() => void this.#grade(), LIMITS.gradeEveryMs)
    this.#over.signal.addEventListener('abort', () => {
      clearInterval(mapBeat)
      clearInterval(gradeBeat)
    })
    this.#to('booting')
    void this.#bootUp()
  }

  async #bootUp(): Promise<void> {
    this.#boot = new AbortController()
    const { signal } = this.#boot
    try {
      const booted = await bootCluster(
        {
          engine: namespacesEngine,
          spec: {
            topology: this.spec.topology,
            ...(this.spec.timers && { timers: this.spec.timers }),
          },
          binaries: paths.binaries,
          nodeFolder: paths.node,
          goldenPath: GOLDEN_COPY,
          socketDir: paths.sockets,
          io: {
            stage: (name) => this.#reach(name),
            process: ({ node, component, pid, event, code, signal: ended, by }) => {
              this.log.append({
                kind: 'process',
                node,
                component,
                pid,
                event,
                ...(typeof code === 'number' && { code }),
                ...(ended && { signal: ended }),
                ...(by && { by }),
              })
            },
          },
        },
        signal,
      )
      this.booted = booted
      this.#recorder = startRecorder({
        cluster: booted.cluster,
        topology: this.spec.topology,
        credentials: booted.credentials,
        clock: this.#clock,
        record: (observation) => void this.log.append(observation),
      })
      await untilUsable(booted, this.history, signal)
      this.#to('usable')
      await this.terminals.reopen()
      await booted.complete
      await untilReady(booted, this.spec.topology, signal)
      this.#reach('setup')
      await this.spec.setup(setupContext(this, booted, `${paths.app}/labs/${this.spec.id}`))
      this.#to('ready')
    } catch (error) {
      if (signal.aborted) return
      console.error('boot failed:', error)
      this.#error = errorBody(error, 'boot-failed')
      this.#to('failed')
    }
  }

  async fault(request: FaultRequest): Promise<FaultReceipt> {
    return this.#inTurn(async () => {
      if (this.#state !== 'usable' && this.#state !== 'ready') {
        throw new HalabError('lab-not-ready', `the lab is ${this.#state}`, {
          hint: this.#state === 'paused' ? 'resume it first' : 'wait until it is usable',
        })
      }
      return injectFault(this.#cluster(), request, (observation) => this.log.append(observation))
    })
  }

  async pause(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#state === 'paused') return
      if (this.#state !== 'ready') {
        throw new HalabError('lab-not-ready', `a lab that is ${this.#state} cannot be paused`)
      }
      await this.#recorder?.pause()
      await this.#cluster().pause()
      this.#before = this.#state
      this.#to('paused')
    })
  }

  async resume(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#state !== 'paused') {
        throw new HalabError('not-paused', `the lab is ${this.#state}, not paused`)
      }
      await this.#cluster().resume()
      this.#recorder?.resume()
      this.#to(this.#before)
    })
  }

  async reset(): Promise<void> {
    await this.#inTurn(async () => {
      this.#to('resetting')
      await this.#tearDown()
      this.log.nextEpoch()
      this.#ms = { usable: null, ready: null }
      this.#error = undefined
      this.#audience.forget()
      this.#to('booting')
      this.#audience.tellResults(this.grading.results())
      void this.#bootUp()
    })
  }

  async end(): Promise<void> {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    this.#to('ended')
    await this.#tearDown()
    this.log[Symbol.dispose]()
  }

  async #tearDown(): Promise<void> {
    this.#boot.abort(new HalabError('interrupted', 'the lab was ended or reset'))
    this.terminals.closeAll()
    await this.#recorder?.[Symbol.asyncDispose]()
    this.#recorder = undefined
    const booted = this.booted
    this.booted = undefined
    await booted?.[Symbol.asyncDispose]()
  }

  summary(): RunSummary {
    const { name, lab, engine, seed, startedAt } = this.run
    return {
      name,
      lab,
      engine,
      seed,
      state: this.#state,
      startedAt,
      ms: this.#ms,
      nodes: this.#nodes,
      memoryBytes: this.#memoryBytes(),
      stage: this.#stage,
      ...(this.#error && { error: this.#error }),
    }
  }

  map(): MapState {
    return this.#audience.map
  }

  onEvent(listener: (event: AgentEvent) => void): () => void {
    return this.#audience.listen(listener)
  }

  keepCounts(task: string, counts: TaskCounts): void {
    this.counts[task] = counts
    void keepCounts(this.counts)
  }

  until(what: string, condition: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    return until(what, condition, { signal: this.#boot.signal, timeoutMs, everyMs: 200 })
  }

  #see(line: Evidence): void {
    this.history.append(line)
    this.#audience.see(line)
  }

  async #grade(): Promise<void> {
    if (this.#state !== 'ready') return
    const results: Results = await this.grading.evaluate()
    if (this.#audience.tellResults(results)) await keepResults(results)
  }

  #reach(stage: string): void {
    this.#stage = stage
    this.log.append({ kind: 'lab', state: this.#state, stage })
    this.#tellRun()
  }

  #to(state: LabState): void {
    this.#state = state
    if (state === 'usable' || state === 'ready') {
      this.#ms = { ...this.#ms, [state]: this.#ms[state] ?? Math.round(this.#clock.now()) }
    }
    const observation: Observation = { kind: 'lab', state }
    this.log.append(observation)
    this.#tellRun()
  }

  #tellRun(): void {
    this.#audience.tell({ type: 'run', run: this.summary() })
  }

  #cluster() {
    if (!this.booted) {
      throw new HalabError('lab-not-ready', 'the lab is still starting', {
        hint: 'wait until it is usable',
      })
    }
    return this.booted.cluster
  }

  #node(name: string) {
    const node = this.#cluster().nodes.get(name)
    if (node) return node
    throw new HalabError('unknown-node', `this lab has no node ${name}`, {
      hint: `its nodes: ${this.#nodes.map((known) => known.name).join(', ')}`,
    })
  }

  /** As last measured: to look takes a tenth of a second, which nobody who asks should wait for. */
  #memoryBytes(): number | null {
    const now = performance.now()
    if (this.booted && this.#state === 'ready' && now - this.#measuredAt > LIMITS.memoryEveryMs) {
      this.#measuredAt = now
      void this.booted.cluster.memoryBytes().then((bytes) => (this.#memory = bytes))
    }
    return this.#memory
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}
