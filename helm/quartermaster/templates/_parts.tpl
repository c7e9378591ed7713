{{- define "quartermaster.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* What selects the pods of a component: never changes. */}}
{{- define "quartermaster.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "quartermaster.labels" -}}
{{ include "quartermaster.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "quartermaster.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* An environment variable from a Secret. */}}
{{- define "quartermaster.secret" -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef: {{ toJson (dict "name" .from.name "key" .from.key) }}
{{- end }}

{{/* What every pod is: not root, without a token, under the restricted pod security standard. */}}
{{- define "quartermaster.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.serviceAccountName }}
serviceAccountName: {{ . }}
{{- end }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "quartermaster.container" -}}
image: {{ include "quartermaster.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* quartermaster.toml: numbers, booleans, strings and lists of strings are written in TOML as in JSON. */}}
{{- define "quartermaster.toml" -}}
listen = "0.0.0.0:8080"
worker_listen = "0.0.0.0:8081"
drain_seconds = {{ .Values.serve.drainSeconds }}
development_issuer_folder = "/var/lib/quartermaster/issuer"
data_key_file = "/etc/quartermaster-keys/data-key"
{{- with include "quartermaster.manifests" . | fromJsonArray }}
registered_documents = {{ toJson . }}
{{- end }}
{{- range $name, $value := .Values.config }}
{{ $name }} = {{ toJson $value }}
{{- end }}
{{- end }}

{{/* Where the manifests of registered documents are mounted: a folder for each ConfigMap. */}}
{{- define "quartermaster.manifests" -}}
{{- $files := list }}
{{- range $name := keys .Values.registeredDocuments.inline | sortAlpha }}
{{- $files = append $files (printf "/etc/quartermaster-documents/inline/%s.json" $name) }}
{{- end }}
{{- range $map := .Values.registeredDocuments.configMaps }}
{{- range $map.keys }}
{{- $files = append $files (printf "/etc/quartermaster-documents/from/%s/%s" $map.name .) }}
{{- end }}
{{- end }}
{{- toJson $files }}
{{- end }}

{{/* The certificate of the authority that signed the database's, where the URLs' sslrootcert says it is. */}}
{{- define "quartermaster.authorityMount" -}}
{{- if .Values.databaseAuthority.configMap }}
- { name: database-authority, mountPath: /etc/quartermaster-database, readOnly: true }
{{- end }}
{{- end }}

{{- define "quartermaster.authorityVolume" -}}
{{- with .Values.databaseAuthority }}
{{- if .configMap }}
- name: database-authority
  configMap:
    name: {{ .configMap }}
    items: [{{ toJson (dict "key" .key "path" "ca.crt") }}]
{{- end }}
{{- end }}
{{- end }}

{{- define "quartermaster.manifestsVolume" -}}
{{- if include "quartermaster.manifests" . | fromJsonArray }}
- name: documents
  projected:
    sources:
      {{- with .Values.registeredDocuments.inline }}
      - configMap:
          name: {{ include "quartermaster.name" $ }}-documents
          items:
            {{- range $name := keys . | sortAlpha }}
            - {{ toJson (dict "key" (printf "%s.json" $name) "path" (printf "inline/%s.json" $name)) }}
            {{- end }}
      {{- end }}
      {{- range $map := .Values.registeredDocuments.configMaps }}
      - configMap:
          name: {{ $map.name }}
          items:
            {{- range $map.keys }}
            - {{ toJson (dict "key" . "path" (printf "from/%s/%s" $map.name .)) }}
            {{- end }}
      {{- end }}
{{- end }}
{{- end }}

{{- define "quartermaster.placing" -}}
{{- with .nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}
