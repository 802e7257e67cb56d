/** Where a service stands. It goes through these in order, once. */
export type ServiceState = "idle" | "starting" | "running" | "stopping" | "stopped";

/** What a service does at each turn. */
export interface Service {
  /** Resolves once it is running. If it throws, the service may be started again. */
  start(): Promise<void>;
  /** Resolves once nothing of it is left. */
  stop(): Promise<void>;
}

/**
 * The one start/stop implementation: whatever runs long is started and stopped once, however often it is asked
 * to, and anybody may wait for its end.
 */
export class StartStop {
  readonly #service: Service;
  readonly #stopped = Promise.withResolvers<void>();
  #state: ServiceState = "idle";
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(service: Service) {
    this.#service = service;
    // Whoever waits handles a failed stop; where nobody does, it must not end the process.
    this.#stopped.promise.catch(() => {});
  }

  get state(): ServiceState {
    return this.#state;
  }

  /** Resolves when the service has stopped, whoever stopped it. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** Starts the service. After a stop it stays stopped. */
  start(): Promise<void> {
    this.#starting ??= this.#stopping ? Promise.resolve() : this.#start();
    return this.#starting;
  }

  /** Stops the service, after its start if that is under way. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(): Promise<void> {
    this.#state = "starting";
    try {
      await this.#service.start();
      if (this.#state === "starting") this.#state = "running";
    } catch (error) {
      this.#state = "idle";
      this.#starting = null;
      throw error;
    }
  }

  async #stop(): Promise<void> {
    const started = await this.#starting?.then(
      () => true,
      () => false,
    );
    this.#state = "stopping";
    try {
      if (started) await this.#service.stop();
      this.#stopped.resolve();
    } catch (error) {
      this.#stopped.reject(error);
      throw error;
    } finally {
      this.#state = "stopped";
    }
  }
}
