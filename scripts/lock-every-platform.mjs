/**
 * Completes package-lock.json: `npm install` leaves out optional builds for other platforms when the registry at hand does not carry them,
 * and `npm ci` then refuses the lockfile. Names say what a build is for; its integrity stays open. Run after changing dependencies.
 */
import { readFileSync, writeFileSync } from "node:fs";

const systems = {
  mac: "darwin",
  darwin: "darwin",
  win: "win32",
  win32: "win32",
  linux: "linux",
  android: "android",
  freebsd: "freebsd",
  openharmony: "openharmony",
};
const processors = {
  arm: "arm",
  armv7l: "arm",
  arm64: "arm64",
  x64: "x64",
  ia32: "ia32",
  riscv64: "riscv64",
  ppc64: "ppc64",
  s390x: "s390x",
};
const libraries = { gnu: "glibc", gnueabihf: "glibc", musl: "musl", musleabihf: "musl" };

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const meant = (name, words) => {
  const found = name.split(/[/-]/u).find((word) => word in words);
  return found === undefined ? undefined : [words[found]];
};

for (const { dev, optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const place = `node_modules/${name}`;
    const [cpu, os, libc] = [meant(name, processors), meant(name, systems), meant(name, libraries)];
    if (place in lock.packages || os === undefined) continue;
    lock.packages[place] = { version, ...(cpu && { cpu }), ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([one], [other]) => one.localeCompare(other, "en")));
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
