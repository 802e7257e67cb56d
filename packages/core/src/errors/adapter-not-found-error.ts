import { OmniQError } from "./omniq-error.ts";

/** The package that serves a URL is not installed where the application can reach it. Code `adapter_not_installed`. */
export class AdapterNotFoundError extends OmniQError {
  readonly packageName: string;

  constructor(packageName: string, searched: readonly string[], cause?: unknown) {
    super(
      "adapter_not_installed",
      `${packageName} is not installed. Install it in your application: npm install ${packageName}. ` +
        `(Looked from ${searched.join(" and ")}; with a bundler, import it and pass it as \`adapter\`.)`,
      { cause },
    );
    this.packageName = packageName;
  }
}
