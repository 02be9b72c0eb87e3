@_exported import ElbowAnalysis
@_exported import ElbowEmission
@_exported import ElbowPasses
@_exported import ElbowSchedule
@_exported import ElbowToolchain
