#!/bin/sh
# pack PACKAGE: leaves in $PACKED the production packages of one workspace, its built files and those of the Millrace
# libraries that it uses, at the same paths as in the repository. Reads the manifests from $MANIFESTS and the built
# files from $BUILT.
set -eu

cd "$MANIFESTS"
npm ci --prefer-offline --omit=dev --ignore-scripts --workspace "$1"

mkdir -p "$PACKED"
cp package.json "$PACKED/"
cp -R node_modules "$PACKED/"
for link in node_modules/@millrace/*; do
  folder=$(realpath --relative-to=. "$link")
  mkdir -p "$PACKED/$folder"
  cp "$folder/package.json" "$PACKED/$folder/"
  cp -R "$BUILT/$folder/dist" "$PACKED/$folder/"
  if [ -d "$folder/node_modules" ]; then cp -R "$folder/node_modules" "$PACKED/$folder/"; fi
done
find "$PACKED" -path '*/node_modules' -prune -o \( -name '*.d.ts' -o -name '*.d.ts.map' -o -name .tsbuildinfo \) -type f \
  -exec rm {} +
